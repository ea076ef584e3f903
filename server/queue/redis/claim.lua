--[[
Takes events for one worker: an unchanged claim with an expired lease, otherwise the oldest waiting events.

KEYS[1] list      KEYS[2] leases     KEYS[3] claims     KEYS[4] claimed     KEYS[5] samples
ARGV[1] prefix of the claims' lists (same slot)
ARGV[2] ID of a new claim
ARGV[3] maximum number of events
ARGV[4] number of bytes after which no further event is taken
ARGV[5] duration of the lease in milliseconds
ARGV[6] maximum size of an event in bytes; longer ones are returned truncated
ARGV[7] maximum duration of a lease in milliseconds; a later end means that the clock was set back
ARGV[8] ARGV[9] PostgreSQL's time: seconds since 1970, and microseconds

Returns nothing, or {id, seconds, microseconds, deliveries, {events, oldest first}}.
One LMOVE per event: it returns the size before the next event is taken, and the append-only file records the
move instead of the event. Everything that may fail is done before the first event is moved.
]]
local now = now_ms()
local lease_end = string.format('%.0f', now + tonumber(ARGV[5]))
local max_size = tonumber(ARGV[6])
prepare(KEYS[2], KEYS[3])

local function cut(event)
  return #event > max_size and string.sub(event, 1, max_size) or event
end

local function redeliver(id)
  if is_type(ARGV[1] .. id, 'list') then
    local record = redis.call('HGET', KEYS[3], id) or ''
    local seconds, microseconds, deliveries = string.match(record, '^(%d+) (%d+) (%d+)')
    deliveries = (tonumber(deliveries) or 0) + 1
    -- A claim without a record is dated now. Its ID, which identifies stored claims, is part of its list's name.
    seconds, microseconds = seconds or ARGV[8], microseconds or ARGV[9]
    local started = string.match(record, '^%d+ %d+ %d+ %d+ (%d+)$') or string.format('%.0f', now)
    local events = {}
    for index, event in ipairs(redis.call('LRANGE', ARGV[1] .. id, 0, -1)) do
      events[index] = cut(event)
    end
    redis.call('ZADD', KEYS[2], lease_end, id)
    redis.call('HSET', KEYS[3], id, table.concat({ seconds, microseconds, deliveries, #events, started }, ' '))
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
local max_events, max_bytes = tonumber(ARGV[3]), tonumber(ARGV[4])
local events, bytes = {}, 0
while #events < max_events and (bytes < max_bytes or #events == 0) do
  local event = redis.call('LMOVE', KEYS[1], target, 'RIGHT', 'RIGHT')
  if not event then
    break
  end
  events[#events + 1] = cut(event)
  bytes = bytes + #event
end
redis.call('INCRBY', KEYS[4], #events)
redis.call('ZADD', KEYS[2], lease_end, ARGV[2])
local record = { ARGV[8], ARGV[9], 1, #events, string.format('%.0f', now) }
redis.call('HSET', KEYS[3], ARGV[2], table.concat(record, ' '))
return { ARGV[2], ARGV[8], ARGV[9], 1, events }
