-- One circuit breaker: who may pass, and what came of it.
-- KEYS  hash
-- ARGV  admit, join, succeed, fail, release, reset or look; failures that open it; milliseconds
--       that it stays open; seconds for which an old failure counts
-- Answers whether the caller may pass, the state, failures in a row, milliseconds of
-- the last failure since 1970 or -1, milliseconds until it lets one pass.
-- `admit` takes the one probe of a half-open breaker, `join` never does.
local key, act = KEYS[1], ARGV[1]
local threshold, open_ms, keep_s = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

if act == 'reset' then redis.call('DEL', key) end
local known = redis.call('HMGET', key, 'failures', 'failed', 'opened', 'probe')
local failures, failed = tonumber(known[1] or 0), tonumber(known[2] or -1)
local opened, probe = tonumber(known[3] or 0), tonumber(known[4] or 0)

local function wait()
  if opened == 0 then return 0 end
  -- A probe of which nothing is heard is forgotten after as long.
  return math.max(0, math.max(opened, probe) + open_ms - now)
end

local function state()
  if opened == 0 then return 'closed' end
  return now - opened < open_ms and 'open' or 'half_open'
end

local may_pass = 1
if act == 'admit' or act == 'join' then
  may_pass = wait() == 0 and 1 or 0
  if act == 'admit' and may_pass == 1 and opened > 0 then
    probe = now
    redis.call('HSET', key, 'probe', probe)
  end
elseif act == 'succeed' then
  -- What began before it opened says nothing of how things are now.
  if state() ~= 'open' then
    redis.call('DEL', key)
    failures, failed, opened, probe = 0, -1, 0, 0
  end
elseif act == 'release' then
  probe = 0
  if opened > 0 then redis.call('HSET', key, 'probe', 0) end
elseif act == 'fail' then
  if state() ~= 'open' then failures = failures + 1 end
  if state() == 'half_open' or opened == 0 and failures >= threshold then
    opened, probe = now, 0
  end
  failed = now
  redis.call('HSET', key, 'failures', failures, 'failed', failed, 'opened', opened,
    'probe', probe)
  redis.call('EXPIRE', key, keep_s)
end
return {may_pass, state(), failures, failed, wait()}
