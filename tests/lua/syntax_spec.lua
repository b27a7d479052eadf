-- han.syntax against the compiler: what is accepted, what is printed back, what is found in a tree.
local syntax = require "han.syntax"

describe("syntax.parse", function()
  it("prints back what it read", function()
    local text = "#!/bin/lua\n-- hello\nlocal x <const> = 0x7fp-1 -- tail\nreturn function(...) goto e ::e:: end;\n"
    local tree = assert(syntax.parse(text))
    assert.equal(text, syntax.print(tree))
  end)

  it("says where, what was expected and near what", function()
    local tree, message, code, detail = syntax.parse("x = 1\nif x the y() end", "file.lua")
    assert.is_nil(tree)
    assert.equal("file.lua:2:6: expected 'then' near 'the'", message)
    assert.equal("SYNTAX", code)
    assert.same({ "'then'" }, detail.expected)
    assert.equal(2, detail.line)
    assert.equal(6, detail.column)
  end)
end)
