--[[
Sets the end of a claim's lease: later, to keep it; now, to hand it back; a little later, to let others
go first. A claim that is gone stays gone.

KEYS[1] leases   KEYS[2] claims
ARGV[1] claim id   ARGV[2] milliseconds from now
ARGV[3] 1: the delivery does not count, it was not the events that failed
]]
local _, now = now_parts()
prepare(KEYS[1], KEYS[2])
local line = redis.call('HGET', KEYS[2], ARGV[1])
if not line and not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  return 0
end
if line and ARGV[3] == '1' then
  local claimed_at, deliveries, events = string.match(line, '^(%d+ %d+) (%d+) (%d+)$')
  if claimed_at then
    redis.call('HSET', KEYS[2], ARGV[1], table.concat({ claimed_at, math.max(0, deliveries - 1), events }, ' '))
  end
end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[2])), ARGV[1])
return 1
