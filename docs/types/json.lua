---@meta han.json
-- require "han.json" for editors: JSON in runs, adapters and commands.

---@class han.json
---@field null lightuserdata what null is read as, and what is written as null
local json = {}

---Members are sorted, integers exact, floats as short as they can be read back. {} is an object unless marked.
---@param value han.Plain
---@param options {pretty: boolean?, precision: integer?, lossy: boolean?}? lossy: bytes that are not UTF-8 become U+FFFD
---@return string? text
---@return string? message
---@return han.Code? code INVALID, LIMIT
function json.encode(value, options) end

---@param text string
---@param options {max_bytes: integer?, null: "nil"?}? "nil": null is nil, and refused inside a list
---@return han.Plain value
---@return string? message with line and column
---@return han.Code? code SYNTAX, LIMIT, INVALID
function json.decode(text, options) end

---Marks a table, so that it is written as a list even when it is empty.
---@generic T: table
---@param list T
---@return T
function json.array(list) end

return json
