local han = require "han"

return han.strategy {
  name = "loops",
  intent = "Never ends by itself.",
  act = function()
    while true do end
  end,
}
