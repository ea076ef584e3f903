--[[
Removes a claim whose events are stored.

KEYS[1] leases   KEYS[2] claims   KEYS[3] the claim's list
ARGV[1] claim id
]]
prepare(KEYS[1], KEYS[2])
redis.call('UNLINK', KEYS[3])
redis.call('ZREM', KEYS[1], ARGV[1])
return redis.call('HDEL', KEYS[2], ARGV[1])
