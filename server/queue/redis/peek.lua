--[[
Reads the next events of a queue without taking them.

KEYS[1] list   ARGV[1] number of events   ARGV[2] maximum bytes of each

Returns {bytes of the event, its beginning, …}, oldest first.
]]
local found = {}
for position = 1, tonumber(ARGV[1]) do
  local event = redis.call('LINDEX', KEYS[1], -position)
  if not event then
    break
  end
  table.insert(found, #event)
  table.insert(found, string.sub(event, 1, tonumber(ARGV[2])))
end
return found
