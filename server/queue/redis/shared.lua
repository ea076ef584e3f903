--[[
Stands before every script. Events bring no time of their own, so each look at the queue
keeps a sample: when it was, and how many events had been pushed by then (claimed + waiting). The event
at the head waits since the last look before the first sample that counts it.

Looks closer than a second, or than 1/256 of the span kept, add none: a queue that stood for a month has
about 2,000 samples, and an age is right to a second or 0.4 %.
]]
local function now_parts()
  local time = redis.call('TIME')
  return time, tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function take_sample(now, list, claimed_key, samples)
  local claimed = tonumber(redis.call('GET', claimed_key) or '0')
  local waiting = redis.call('LLEN', list)
  local pushed = claimed + waiting
  redis.call('ZREMRANGEBYSCORE', samples, '-inf', string.format('%.0f', claimed))
  -- More than there ever was: somebody emptied or restored the list.
  redis.call('ZREMRANGEBYSCORE', samples, string.format('(%.0f', pushed), '+inf')
  if waiting > 0 then
    local first = redis.call('ZRANGE', samples, 0, 0)
    local last = redis.call('ZRANGE', samples, -1, -1, 'WITHSCORES')
    local due = true
    if last[1] then
      local gap = math.max(1000, (now - tonumber(first[1])) / 256)
      due = tonumber(last[2]) < pushed and now - tonumber(last[1]) >= gap
    end
    if due then
      redis.call('ZADD', samples, string.format('%.0f', pushed), string.format('%.0f', now))
    end
  end
  return waiting
end
