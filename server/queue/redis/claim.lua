--[[
Takes events for one worker: a claim whose lease has ended, as it was, else the oldest events waiting.

KEYS[1] list      KEYS[2] leases     KEYS[3] claims     KEYS[4] claimed     KEYS[5] samples
ARGV[1] prefix of the claims' lists (same slot)
ARGV[2] id for a new claim
ARGV[3] events at most
ARGV[4] bytes after which no further event is taken
ARGV[5] length of the lease, milliseconds

Returns nothing, or {id, seconds, microseconds, deliveries, {events, the oldest first}}.
One LMOVE an event: it shows the size before the next is taken, and the append-only file gets the move,
not the event again.
]]
local time, now = now_parts()
local lease_end = string.format('%.0f', now + tonumber(ARGV[5]))

for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now), 'LIMIT', 0, 10)) do
  local events = redis.call('LRANGE', ARGV[1] .. id, 0, -1)
  local seconds, microseconds, deliveries = string.match(redis.call('HGET', KEYS[3], id) or '', '^(%d+) (%d+) (%d+)')
  if #events > 0 and seconds then
    redis.call('ZADD', KEYS[2], lease_end, id)
    redis.call('HSET', KEYS[3], id, table.concat({ seconds, microseconds, deliveries + 1, #events }, ' '))
    return { id, seconds, microseconds, deliveries + 1, events }
  end
  redis.call('ZREM', KEYS[2], id)
  redis.call('HDEL', KEYS[3], id)
end

if take_sample(now, KEYS[1], KEYS[4], KEYS[5]) == 0 then
  return false
end

local target = ARGV[1] .. ARGV[2]
local most, enough = tonumber(ARGV[3]), tonumber(ARGV[4])
local events, bytes = {}, 0
while #events < most and (bytes < enough or #events == 0) do
  local event = redis.call('LMOVE', KEYS[1], target, 'RIGHT', 'RIGHT')
  if not event then
    break
  end
  events[#events + 1] = event
  bytes = bytes + #event
end
redis.call('INCRBY', KEYS[4], #events)
redis.call('ZADD', KEYS[2], lease_end, ARGV[2])
redis.call('HSET', KEYS[3], ARGV[2], table.concat({ time[1], time[2], 1, #events }, ' '))
return { ARGV[2], time[1], time[2], 1, events }
