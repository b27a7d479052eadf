--- han.hot: a program that is used again and again while it is rewritten: a file under scripts/, or the champion of a
-- line of the corpus. Every run gets the newest version that is sound, whole and as one text; a run that has begun
-- keeps the text it began with. A version that is not sound is refused once, with its reason, and the one before it
-- goes on serving.
--
-- hot.new{ stamp = function() -> a text that differs when there may be another version, or nil when there is none;
--   read = function() -> { digest=, ... } or nil, message, CODE; sound = function(version) -> true, or nil, message,
--   CODE, where } -> h
-- h:next() -> version, is_new    the version that serves the next run; is_new once for each
--          -> nil, refusal       none that is sound was there yet; refusal as in h.refused
-- h.refused = { message=, code=, where=, digest= } of the newest version while that does not serve, else nil

local M = {}
local Hot = {}
Hot.__index = Hot

function M.new(options)
  return setmetatable({ options = options, serial = 0 }, Hot)
end

local function refuse(self, digest, message, code, where)
  self.refused = { message = message, code = code, where = where, digest = digest }
end

-- Looks at what is there now; it serves from here on when it is sound.
local function take(self)
  local version, message, code = self.options.read()
  if not version then return refuse(self, nil, message, code) end
  if self.version and version.digest == self.version.digest then
    self.refused = nil
    return
  end
  if self.refused and self.refused.digest == version.digest then return end
  local ok, why, what, where = self.options.sound(version)
  if not ok then return refuse(self, version.digest, why, what, where) end
  self.serial = self.serial + 1
  version.number = self.serial
  self.version, self.refused = version, nil
end

function Hot.next(self)
  local stamp, before = self.options.stamp(), self.version
  if stamp ~= self.stamp or not before and not self.refused then
    self.stamp = stamp
    if stamp ~= nil then take(self) end
  end
  if not self.version then return nil, self.refused end
  return self.version, self.version ~= before
end

return M
