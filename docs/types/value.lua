---@meta han.value
-- require "han.value" for editors: plain values and their canonical encoding. What is not plain throws, naming its path.

---@class han.value
local value = {}

---Equal values have equal bytes.
---@param v han.Plain
---@return string bytes
function value.encode(v) end

---@param bytes string
---@return han.Plain v
---@return string? message
---@return han.Code? code CORRUPT
function value.decode(bytes) end

---@param v han.Plain
---@return string digest SHA-256 of the encoding, 64 hexadecimal digits
function value.digest(v) end

---The same encoding: 1 and 1.0 differ.
---@param a han.Plain
---@param b han.Plain
---@return boolean
function value.equal(a, b) end

---@generic T
---@param v T
---@return T
function value.copy(v) end

return value
