describe("pack", function()
  -- A stand-in for the codec: refuses what is too long for one plain value, as the real one does.
  package.preload["han.value"] = package.preload["han.value"] or function()
    return { encode = function(list)
      if #list > 1000 then error("too many") end
      return ("list of %d"):format(#list)
    end }
  end
  local pack = require "han.pack"

  it("keeps a short list whole", function()
    local bytes, dropped = pack.list { 1, 2, 3 }
    assert.equal("string", type(bytes))
    assert.equal(0, dropped)
  end)

  it("takes the middle out of a list that is too long, and says how much", function()
    local list = {}
    for i = 1, 10000 do list[i] = i end
    local bytes, dropped = pack.list(list)
    assert.equal("string", type(bytes))
    assert.is_true(dropped >= 9000 and dropped < 10000)
  end)

  it("packs a record once", function()
    local record = { attempts = { { spans = { { kind = "edit" } } } }, nodes = {}, decisions = nil, nodes_dropped = 3 }
    pack.record(record)
    local spans = record.attempts[1].spans
    pack.record(record)
    assert.equal(spans, record.attempts[1].spans)
    assert.equal(3, record.nodes_dropped)
  end)
end)
