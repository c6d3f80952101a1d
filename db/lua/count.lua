-- Add what a process has counted, once, however often it is sent.
-- KEYS  totals (hash), the prefix of the minutes' hashes, what was sent (string),
--       gauges (hash)
-- ARGV  process, number of this batch, seconds to keep a minute, gauges, how many cells
--       are totals; then cell and amount of each, totals first, minutes' after them
-- Gauges are JSON, or '-' to take this process' away, or '' to leave them as they are.
local totals, minutes, sent, gauges = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local now = redis.call('TIME')[1]

if ARGV[4] == '-' then
  redis.call('HDEL', gauges, ARGV[1])
elseif ARGV[4] ~= '' then
  redis.call('HSET', gauges, ARGV[1], now .. ' ' .. ARGV[4])
end

-- The answer to the first time may have been lost.
if redis.call('GET', sent) == ARGV[2] then return 0 end
redis.call('SET', sent, ARGV[2], 'EX', 3600)

local minute = minutes .. math.floor(now / 60)
local last = 5 + 2 * ARGV[5]
for i = 6, #ARGV, 2 do
  redis.call('HINCRBYFLOAT', i <= last and totals or minute, ARGV[i], ARGV[i + 1])
end
if #ARGV > last then redis.call('EXPIRE', minute, ARGV[3]) end
return 1
