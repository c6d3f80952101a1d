-- Count calls against all budgets of one provider, or against none of them.
-- KEYS  one a budget
-- ARGV  how many calls are to be made (0 only looks); then for each budget: how many
--       it allows, the number of the present window, milliseconds to keep it, and
--       calls that were counted elsewhere while this server was away
-- Answers whether the calls may be made, and how many each budget has counted.
-- A budget is a hash of its window's number and the count in it. Who comes with an
-- older window, by a clock that is behind, counts in the newer one.
local cost = tonumber(ARGV[1])
local may, counts, windows = 1, {}, {}
for i, key in ipairs(KEYS) do
  local limit, window = tonumber(ARGV[4 * i - 2]), tonumber(ARGV[4 * i - 1])
  local known = redis.call('HMGET', key, 'window', 'count')
  local count = tonumber(ARGV[4 * i + 1])
  if known[1] and tonumber(known[1]) >= window then
    window, count = tonumber(known[1]), count + tonumber(known[2])
  end
  if count + cost > limit then may = 0 end
  counts[i], windows[i] = count, window
end
for i, key in ipairs(KEYS) do
  if may == 1 then counts[i] = counts[i] + cost end
  if may * cost > 0 or tonumber(ARGV[4 * i + 1]) > 0 then
    redis.call('HSET', key, 'window', string.format('%.0f', windows[i]),
      'count', counts[i])
    redis.call('PEXPIRE', key, ARGV[4 * i])
  end
end
return {may, unpack(counts)}
