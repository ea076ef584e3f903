--[[
Gives every claim without a lease an expired one, so that the next worker takes it. Leases are lost when their key
is deleted or overwritten with another type.

KEYS[1] leases   KEYS[2] claims
ARGV[1] prefix of the claims' lists   ARGV[2...] IDs of claims whose lists exist

Returns the number of claims found.
]]
local now = now_ms()
prepare(KEYS[1], KEYS[2])
local ids = redis.call('HKEYS', KEYS[2])
for index = 2, #ARGV do
  ids[#ids + 1] = ARGV[index]
end
local found = 0
for _, id in ipairs(ids) do
  if not redis.call('ZSCORE', KEYS[1], id) then
    if is_type(ARGV[1] .. id, 'list') then
      redis.call('ZADD', KEYS[1], string.format('%.0f', now), id)
      found = found + 1
    else
      redis.call('HDEL', KEYS[2], id)
    end
  end
end
return found
