--[[
Stands before every script.

now_parts     Redis's own clock: no client's clock decides over a lease or an age.
prepare       Our own keys hold what they should: one of another type is of no use, and is removed. Its first write
              frees memory, or nothing: at its limit Redis refuses a script whose first write may need some, and
              lets all further writes pass once there was one, so that a full Redis can still be drained.
refusal       Why Redis takes no write now; false when it does. To be asked before anything is written.
take_sample   Events bring no time of their own, so each look at the queue keeps a sample: when it was, and how many
              events had been pushed by then (claimed + waiting). The event at the head waits since the last look
              before the first sample that counts it. Looks closer than a second, or than 1/256 of the span kept,
              add none: a queue that stood for a month has about 2,000 samples, and an age is right to a second or
              0.4 %.
]]
local function now_parts()
  local time = redis.call('TIME')
  return time, tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function is_type(key, kind)
  local found = redis.call('TYPE', key)['ok']
  return found == kind, found == 'none'
end

local function remove_unless(key, kind)
  local is_right, is_missing = is_type(key, kind)
  if not is_right and not is_missing then
    redis.call('UNLINK', key)
  end
end

local function prepare(leases, claims)
  remove_unless(leases, 'zset')
  remove_unless(claims, 'hash')
  redis.call('ZREM', leases, '')
end

local function refusal(samples)
  local reply = redis.pcall('ZADD', samples, 'XX', 0, '')
  if type(reply) == 'table' and reply.err and not string.find(reply.err, 'WRONGTYPE', 1, true) then
    return reply.err
  end
  return false
end

local function read_claimed(claimed_key)
  return is_type(claimed_key, 'string') and tonumber(redis.call('GET', claimed_key)) or 0
end

local function head_age(now, claimed_key, samples)
  local first = is_type(samples, 'zset')
    and redis.call('ZRANGEBYSCORE', samples, string.format('(%.0f', read_claimed(claimed_key)), '+inf', 'LIMIT', 0, 1)[1]
  return first and math.max(0, now - tonumber(first)) or -1
end

local function take_sample(now, list, claimed_key, samples)
  remove_unless(samples, 'zset')
  if redis.call('EXISTS', claimed_key) == 1 and not (is_type(claimed_key, 'string') and tonumber(redis.call('GET', claimed_key))) then
    redis.call('UNLINK', claimed_key)
  end
  local claimed = read_claimed(claimed_key)
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
