-- Comes before the scripts that number a log: whether the server may have forgotten
-- what it has told, and how the log goes on then.
-- Replicas are told a little later than readers. One that becomes the master may lack
-- the last events, and would give their numbers to others. So do servers that begin
-- again from a snapshot. Numbers of one epoch must mean one thing: it ends there.
local replication = redis.call('INFO', 'replication')
local server = string.match(replication, 'master_replid:(%x+)') or ''

local function may_have_forgotten(known)
  -- A version before this one has not noted whose log it is.
  if known == '' or known == server then return false end
  -- A server that was never promoted and writes an append-only file has just restarted.
  local promoted = string.find(replication, 'master_replid2:%x*[1-9a-f]')
  return promoted ~= nil
    or not string.find(redis.call('INFO', 'persistence'), 'aof_enabled:1')
end

local function under_epoch(body, old, new)
  local from, to = string.find(body, '","epoch":"' .. old, 1, true)
  if not from then return body end
  return string.sub(body, 1, from - 1) .. '","epoch":"' .. new .. string.sub(body, to + 1)
end

-- What is left of the log stays, under the same numbers.
local function rename_epoch(log, old, new)
  local entries = redis.call('XRANGE', log, '-', '+')
  redis.call('DEL', log)
  for _, entry in ipairs(entries) do
    local fields = entry[2]
    for i = 1, #fields, 2 do
      if fields[i] == 'body' then fields[i + 1] = under_epoch(fields[i + 1], old, new) end
    end
    redis.call('XADD', log, entry[1], unpack(fields))
  end
end

