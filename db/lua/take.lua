-- Take tokens out of buckets, all in one call.
-- KEYS  one a bucket
-- ARGV  for each bucket: capacity, microseconds from one token to the next, how many
--       to take (0 only looks)
-- Answers for each: whether they were there, whole tokens left, microseconds to the
-- next one and to a full bucket.
-- A bucket is one number, the time at which it is full again; one that is full is no
-- key at all. All numbers are whole and below 2^53: nothing is rounded.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local answers = {}
for i, key in ipairs(KEYS) do
  local capacity, interval = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])
  local cost = tonumber(ARGV[3 * i])
  local missing = tonumber(redis.call('GET', key) or now) - now
  if missing < 0 then missing = 0 end
  local most = capacity * interval
  -- The capacity may have been lowered since.
  if missing > most then missing = most end
  local is_there = missing + cost * interval <= most
  if is_there and cost > 0 then
    missing = missing + cost * interval
    redis.call('SET', key, string.format('%.0f', now + missing),
      'PX', math.ceil(missing / 1000))
  end
  local left = math.floor((most - missing) / interval)
  local next_one = 0
  if missing > 0 then next_one = missing - (capacity - left - 1) * interval end
  answers[i] = {is_there and 1 or 0, left, next_one, missing}
end
return answers
