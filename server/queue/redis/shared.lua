--[[
Included at the beginning of every script.

now_ms        Redis's clock, so that leases and ages do not depend on the clocks of clients.
prepare       Removes keys of ours that have the wrong type. Its first write never needs memory: at the memory limit,
              Redis rejects a script only if its first write may need memory, so a full Redis can still be drained.
refusal       The reason why Redis currently rejects writes, or false. Call it before any write.
take_sample   Events have no timestamp, so each inspection of the queue records a sample: its time and the number of
              events pushed by then (claimed + waiting). The age of the event at the head is derived from the first
              sample that includes it. Samples are at least a second, or 1/256 of the sampled period, apart: a queue
              that is idle for a month has about 2,000 samples, and ages are accurate to a second or 0.4 %.
]]
local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
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
  -- More than was ever pushed: the list was emptied or restored.
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
