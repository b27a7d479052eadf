-- han.syntax: what is accepted, what is printed back, what an error says. The compiler is the judge in
-- syntax_corpus_spec.lua; here are the cases that have a name.
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

  it("nests as deep as the compiler", function()
    assert(syntax.parse("x=" .. ("("):rep(196) .. "1" .. (")"):rep(196)))
    local tree, message = syntax.parse("x=" .. ("("):rep(197) .. "1" .. (")"):rep(197))
    assert.is_nil(tree)
    assert.truthy(message:find("too many syntax levels", 1, true))
  end)
end)
