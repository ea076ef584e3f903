--[[
Takes events for one worker: a claim whose lease has ended, as it was, else the oldest events waiting.

KEYS[1] list      KEYS[2] leases     KEYS[3] claims     KEYS[4] claimed     KEYS[5] samples
ARGV[1] prefix of the claims' lists (same slot)
ARGV[2] id for a new claim
ARGV[3] events at most
ARGV[4] bytes after which no further event is taken
ARGV[5] length of the lease, milliseconds
ARGV[6] bytes of one event; of a longer one only its beginning is returned
ARGV[7] no lease is longer, milliseconds: one that ends later is of a clock that was set back

Returns nothing, or {id, seconds, microseconds, deliveries, {events, the oldest first}}.
One LMOVE an event: it shows the size before the next is taken, and the append-only file gets the move,
not the event again. All that may fail is done before the first event is moved.
]]
local time, now = now_parts()
local lease_end = string.format('%.0f', now + tonumber(ARGV[5]))
local longest = tonumber(ARGV[6])
prepare(KEYS[2], KEYS[3])

local function cut(event)
  return #event > longest and string.sub(event, 1, longest) or event
end

local function redeliver(id)
  if is_type(ARGV[1] .. id, 'list') then
    local seconds, microseconds, deliveries = string.match(redis.call('HGET', KEYS[3], id) or '', '^(%d+) (%d+) (%d+)')
    deliveries = (tonumber(deliveries) or 0) + 1
    -- A claim whose line was lost is taken now; its id, by which what is stored is recognised, is that of its list.
    seconds, microseconds = seconds or time[1], microseconds or time[2]
    local events = {}
    for index, event in ipairs(redis.call('LRANGE', ARGV[1] .. id, 0, -1)) do
      events[index] = cut(event)
    end
    redis.call('ZADD', KEYS[2], lease_end, id)
    redis.call('HSET', KEYS[3], id, table.concat({ seconds, microseconds, deliveries, #events }, ' '))
    return { id, seconds, microseconds, deliveries, events }
  end
  redis.call('ZREM', KEYS[2], id)
  redis.call('HDEL', KEYS[3], id)
end

local ended = string.format('%.0f', now)
local impossible = string.format('(%.0f', now + tonumber(ARGV[7]))
for _, range in ipairs({ { '-inf', ended }, { impossible, '+inf' } }) do
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], range[1], range[2], 'LIMIT', 0, 10)) do
    local claim = redeliver(id)
    if claim then
      return claim
    end
  end
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
  events[#events + 1] = cut(event)
  bytes = bytes + #event
end
redis.call('INCRBY', KEYS[4], #events)
redis.call('ZADD', KEYS[2], lease_end, ARGV[2])
redis.call('HSET', KEYS[3], ARGV[2], table.concat({ time[1], time[2], 1, #events }, ' '))
return { ARGV[2], time[1], time[2], 1, events }
