-- One attempt of one party under one rule: the generic cell rate algorithm (GCRA), counting in whole microseconds.
-- KEYS[1] holds when the party's last attempt will have been paid off. ARGV: the time after which one more is
-- allowed, how far ahead of that a burst may run, and the time by the caller's clock or nothing for this server's.
-- Answers 0 when the attempt is allowed, else how long to wait.
local interval, tolerance, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000000 + time[2]
end
local due = tonumber(redis.call('GET', KEYS[1])) or now
-- Further ahead than this is only what an older quota or a clock set back has left behind.
due = math.min(due, now + interval + tolerance)
local wait = due - tolerance - now
if wait > 0 then
    return wait
end
local paid = math.max(due, now) + interval
redis.call('SET', KEYS[1], string.format('%.0f', paid), 'PX', string.format('%.0f', math.ceil((paid - now) / 1000)))
return 0
