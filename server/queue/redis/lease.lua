--[[
Sets the end of a claim's lease: later, to keep it; now, to hand it back; a little later, to let others
go first. A claim that is gone stays gone.

KEYS[1] leases
ARGV[1] claim id   ARGV[2] milliseconds from now
]]
local _, now = now_parts()
return redis.call('ZADD', KEYS[1], 'XX', string.format('%.0f', now + tonumber(ARGV[2])), ARGV[1])
