--[[
Sets the end of a claim's lease: later to renew it, now to release it, or shortly after to let others
go first. Has no effect on a claim that no longer exists.

KEYS[1] leases   KEYS[2] claims
ARGV[1] claim id   ARGV[2] milliseconds from now
ARGV[3] 1: do not count the delivery, because the failure was not caused by the events
]]
local now = now_ms()
prepare(KEYS[1], KEYS[2])
local line = redis.call('HGET', KEYS[2], ARGV[1])
if not line and not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  return 0
end
if line and ARGV[3] == '1' then
  local claimed_at, deliveries, events = string.match(line, '^(%d+ %d+) (%d+) (%d+.*)$')
  if claimed_at then
    redis.call('HSET', KEYS[2], ARGV[1], table.concat({ claimed_at, math.max(0, deliveries - 1), events }, ' '))
  end
end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[2])), ARGV[1])
return 1
