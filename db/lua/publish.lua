-- Number a channel's events and append them: the last ones are kept, and of each type
-- that everyone may see the latest.
-- KEYS  channel log, its head (hash), firehose stream
-- ARGV  log's name, epoch for a new log, how many are kept; then for each event:
--       head, tail, type, owner
-- Answers the sequence of the last.
local log, head, firehose = KEYS[1], KEYS[2], KEYS[3]
local name, keep, FIELDS = ARGV[1], ARGV[3], 4

local state = redis.call('HMGET', head, 'epoch', 'server')
local epoch = state[1]
if not epoch then
  epoch = ARGV[2]
elseif may_have_forgotten(state[2] or '') then
  rename_epoch(log, epoch, ARGV[2])
  local told = redis.call('HGETALL', head)
  for i = 1, #told, 2 do
    if string.sub(told[i], 1, 7) == 'latest:' then
      redis.call('HSET', head, told[i], under_epoch(told[i + 1], epoch, ARGV[2]))
    end
  end
  epoch = ARGV[2]
end
if epoch ~= state[1] or server ~= state[2] then
  redis.call('HSET', head, 'epoch', epoch, 'server', server)
end
local sequence = 0
for i = 4, #ARGV, FIELDS do
  local type, owner = ARGV[i + 2], ARGV[i + 3]
  sequence = redis.call('HINCRBY', head, 'sequence', 1)
  local body = ARGV[i] .. string.format('%012d', sequence)
    .. '","epoch":"' .. epoch .. ARGV[i + 1]
  redis.call('XADD', log, 'MAXLEN', '~', keep, sequence .. '-0', 'type', type,
    'body', body, 'owner', owner)
  redis.call('XADD', firehose, 'MAXLEN', '~', 20000, '*', 'job', name,
    'sequence', sequence, 'epoch', epoch, 'type', type, 'body', body, 'owner', owner)
  if owner == '' then redis.call('HSET', head, 'latest:' .. type, body) end
end
return sequence
