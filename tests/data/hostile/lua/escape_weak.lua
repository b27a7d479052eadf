-- Makes weak tables to watch the collector.
-- candidate: runtime  script: SCRIPT
return setmetatable({}, { __mode = "k" })
