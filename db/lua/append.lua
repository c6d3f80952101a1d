-- Number a job's events and append them to its log: the fencing point of the stream.
-- KEYS  log stream, log head (hash), firehose stream
-- ARGV  job, epoch for a new log, seconds to keep an ended one; then for each event:
--       fence, ordinal, needs, head, tail, type, terminal, progress, incumbent,
--       objective, bound, gains
-- Answers a verdict an event: appended, known, behind, fenced, ended or worse.
-- Objectives and bounds are ranks, digits that sort as the numbers do: a number here
-- is a double and would lose the last digits of large integers.
local log, head, firehose = KEYS[1], KEYS[2], KEYS[3]
local job, keep, FIELDS = ARGV[1], ARGV[3], 12

local state = redis.call('HMGET', head, 'epoch', 'sequence', 'fence', 'milestones', 'ended',
  'objective', 'bound', 'server')
local epoch = state[1] or ''
local sequence = tonumber(state[2] or 0)
local latest = tonumber(state[3] or 0)
local milestones = tonumber(state[4] or 0)
local ended = state[5]
local told = {objective = state[6] or '', bound = state[7] or ''}
local progress, incumbent = '', ''
if epoch ~= '' and may_have_forgotten(state[8] or '') then
  rename_epoch(log, epoch, ARGV[2])
  epoch = ARGV[2]
  redis.call('HSET', head, 'epoch', epoch, 'server', server)
  if ended then redis.call('EXPIRE', log, keep) end
end

local function is_worse(objective, bound, gains)
  if told.objective ~= '' and (objective > told.objective
    or gains == 'objective' and objective == told.objective) then return true end
  -- Without a bound is worse than with one.
  return told.bound ~= '' and (bound < told.bound
    or gains == 'bound' and bound == told.bound)
end

local function judge(fence, ordinal, needs)
  if ordinal > 0 then
    if ordinal <= milestones then return 'known' end
    if ordinal > milestones + 1 then return 'behind' end
  elseif milestones < needs then
    return 'behind'
  elseif fence < latest then
    return 'fenced'
  end
  return ended and 'ended' or 'appended'
end

local verdicts, appended, refused = {}, false, false
for i = 4, #ARGV, FIELDS do
  local fence, ordinal = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  local verdict = judge(fence, ordinal, tonumber(ARGV[i + 2]))
  local objective, bound = ARGV[i + 9], ARGV[i + 10]
  if verdict == 'appended' and objective ~= '' then
    -- What follows one that was refused counts on it.
    refused = refused or is_worse(objective, bound, ARGV[i + 11])
    if refused then verdict = 'worse' end
  end
  if verdict == 'appended' then
    appended = true
    if epoch == '' then epoch = ARGV[2] end
    if ordinal > 0 then milestones = ordinal end
    if fence > latest then latest = fence end
    sequence = sequence + 1
    local type = ARGV[i + 5]
    local body = ARGV[i + 3] .. string.format('%012d', sequence)
      .. '","epoch":"' .. epoch .. ARGV[i + 4]
    redis.call('XADD', log, sequence .. '-0', 'type', type, 'body', body)
    redis.call('XADD', firehose, 'MAXLEN', '~', 20000, '*', 'job', job,
      'sequence', sequence, 'epoch', epoch, 'type', type, 'body', body)
    if ARGV[i + 6] == '1' then ended = '1' end
    if ARGV[i + 7] ~= '' then progress = ARGV[i + 7] end
    if ARGV[i + 8] ~= '' then incumbent = ARGV[i + 8] end
    if objective ~= '' then told = {objective = objective, bound = bound} end
  end
  verdicts[#verdicts + 1] = verdict
end

if appended then
  local fields = {'epoch', epoch, 'sequence', sequence, 'fence', latest,
    'milestones', milestones, 'server', server}
  local function put(name, value)
    fields[#fields + 1] = name
    fields[#fields + 1] = value
  end
  if progress ~= '' then put('progress', progress) end
  if incumbent ~= '' then put('incumbent', incumbent) end
  if told.objective ~= '' then put('objective', told.objective) end
  if told.bound ~= '' then put('bound', told.bound) end
  if ended then put('ended', ended) end
  redis.call('HSET', head, unpack(fields))
  if ended then
    redis.call('EXPIRE', log, keep)
    redis.call('EXPIRE', head, keep)
  end
end
return verdicts
