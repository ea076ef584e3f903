--[[
Reads the state of a queue. If Redis rejects writes, no sample is recorded.

KEYS[1] list   KEYS[2] claims   KEYS[3] claimed   KEYS[4] samples

Returns {events waiting, age of the head in milliseconds or -1, {claim ID, record, claim ID, …},
the reason why writes are rejected or '', Redis's clock in milliseconds}.
]]
local now = now_ms()
local refused = refusal(KEYS[4])
local is_read_only = refused and not string.find(refused, 'OOM', 1, true)
local waiting = is_read_only and redis.call('LLEN', KEYS[1]) or take_sample(now, KEYS[1], KEYS[3], KEYS[4])
local age = waiting > 0 and head_age(now, KEYS[3], KEYS[4]) or -1
local lines = is_type(KEYS[2], 'hash') and redis.call('HGETALL', KEYS[2]) or {}
return { waiting, age, lines, refused or '', now }
