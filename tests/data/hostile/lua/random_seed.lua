-- Tries to learn the time from random numbers.
-- candidate: ok|runtime  script: done|SCRIPT
if math.randomseed then math.randomseed(7) end
return math.random(1000) * 0
