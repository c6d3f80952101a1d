-- Comes before the scripts that number a log: whether the server may have forgotten
-- what it has told, and how the log goes on then.
-- Replicas are told a little later than readers. One that becomes the master may lack
-- the last events, and would give their numbers to others. So do servers that begin
-- again from a snapshot. Numbers of one epoch must mean one thing: it ends there.
local replication = redis.call('INFO', 'replication')
local server = string.match(replication, 'master_replid:(%x+)') or ''

local function may_have_forgotten(known)
  if known == server then return false end
  -- A server that was never promoted and writes an append-only file has just restarted.
  local promoted = string.find(replication, 'master_replid2:%x*[1-9a-f]')
  return promoted ~= nil
    or not string.find(redis.call('INFO', 'persistence'), 'aof_enabled:1')
end

-- What is left of the log stays, under the same numbers.
local function rename_epoch(log, old, new)
  local mark, renamed = '","epoch":"' .. old, '","epoch":"' .. new
  local entries = redis.call('XRANGE', log, '-', '+')
  redis.call('DEL', log)
  for _, entry in ipairs(entries) do
    local fields = entry[2]
    for i = 1, #fields, 2 do
      local from, to = string.find(fields[i + 1], mark, 1, true)
      if fields[i] == 'body' and from then
        fields[i + 1] = string.sub(fields[i + 1], 1, from - 1) .. renamed
          .. string.sub(fields[i + 1], to + 1)
      end
    end
    redis.call('XADD', log, entry[1], unpack(fields))
  end
end
