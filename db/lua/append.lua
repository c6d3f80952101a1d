-- Number one event and append it to its job's log: the fencing point of the stream.
-- KEYS  log stream, log head (hash), firehose stream
-- ARGV  fence, ordinal, needs, head, tail, type, terminal, epoch, progress, job, keep,
--       incumbent
-- Answers {verdict, sequence, epoch}; verdicts: appended, known, behind, fenced, ended.
local log, head, firehose = KEYS[1], KEYS[2], KEYS[3]
local fence, ordinal, needs = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local state = redis.call('HMGET', head, 'epoch', 'sequence', 'fence', 'milestones', 'ended')
local epoch = state[1] or ''
local sequence = tonumber(state[2] or 0)
local latest = tonumber(state[3] or 0)
local milestones = tonumber(state[4] or 0)

if ordinal > 0 then
  if ordinal <= milestones then return {'known', sequence, epoch} end
  if ordinal > milestones + 1 then return {'behind', sequence, epoch} end
  milestones = ordinal
elseif milestones < needs then
  return {'behind', sequence, epoch}
elseif fence < latest then
  return {'fenced', sequence, epoch}
end
if state[5] then return {'ended', sequence, epoch} end

if epoch == '' then epoch = ARGV[8] end
sequence = sequence + 1
if fence > latest then latest = fence end
local body = ARGV[4] .. string.format('%012d', sequence) .. '","epoch":"' .. epoch .. ARGV[5]

redis.call('XADD', log, sequence .. '-0', 'type', ARGV[6], 'body', body)
redis.call('XADD', firehose, 'MAXLEN', '~', 20000, '*',
  'job', ARGV[10], 'sequence', sequence, 'epoch', epoch, 'type', ARGV[6], 'body', body)
redis.call('HSET', head,
  'epoch', epoch, 'sequence', sequence, 'fence', latest, 'milestones', milestones)
if ARGV[9] ~= '' then redis.call('HSET', head, 'progress', ARGV[9]) end
if ARGV[12] ~= '' then redis.call('HSET', head, 'incumbent', ARGV[12]) end
if ARGV[7] == '1' then
  redis.call('HSET', head, 'ended', 1)
  redis.call('EXPIRE', log, ARGV[11])
  redis.call('EXPIRE', head, ARGV[11])
end
return {'appended', sequence, epoch}
