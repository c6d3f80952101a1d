-- Find who has done a piece of work, and count that somebody asked.
-- KEYS  the result, all results by their last use, the counts
-- ARGV  the work, now
-- Answers the job's id, or nothing.
local job = redis.call('GET', KEYS[1])
redis.call('HINCRBY', KEYS[3], job and 'hits' or 'misses', 1)
if job then redis.call('ZADD', KEYS[2], 'XX', ARGV[2], ARGV[1]) end
return job
