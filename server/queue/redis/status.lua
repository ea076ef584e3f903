--[[
Looks at a queue.

KEYS[1] list   KEYS[2] claims   KEYS[3] claimed   KEYS[4] samples

Returns {events waiting, age of the head in milliseconds or -1, {claim id, its line, claim id, …}}.
]]
local _, now = now_parts()
local waiting = take_sample(now, KEYS[1], KEYS[3], KEYS[4])
local age = -1
if waiting > 0 then
  local first = redis.call('ZRANGE', KEYS[4], 0, 0)[1]
  age = math.max(0, now - tonumber(first or now))
end
return { waiting, age, redis.call('HGETALL', KEYS[2]) }
