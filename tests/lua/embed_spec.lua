-- tools/embed.lua: what is compiled in is byte for byte what is in the file.
describe("tools/embed.lua", function()
  local dir

  local function write(path, text)
    local file = assert(io.open(dir .. "/" .. path, "wb"))
    file:write(text)
    file:close()
  end

  local function run(command)
    local pipe = assert(io.popen(command .. " 2>&1; echo $?", "r"))
    local text = pipe:read("a")
    pipe:close()
    return text:match("^(.-)(%d+)\n$")
  end

  local function embed(files)
    for i, file in ipairs(files) do files[i] = dir .. "/engine/" .. file end
    return run(("lua5.4 tools/embed.lua %s/out.c %s/engine %s"):format(dir, dir, table.concat(files, " ")))
  end

  before_each(function()
    dir = os.tmpname()
    os.remove(dir)
    assert(os.execute("mkdir -p " .. dir .. "/engine/lua/a " .. dir .. "/engine/cli"))
  end)
  after_each(function() os.execute("rm -r " .. dir) end)

  it("keeps every byte, names modules and chunks, sorts", function()
    local tricky = '-- ??/ "q" \\ tab\t \1 \200\r\nreturn "' .. ("x"):rep(6000) .. '1"\n\n-- no newline at the end'
    write("engine/lua/worker.lua", tricky)
    write("engine/lua/a/b.lua", "")
    write("engine/lua/init.lua", "return 1\n")
    write("engine/cli/bench.lua", "return 2\n")
    local out, status = embed { "lua/worker.lua", "lua/init.lua", "lua/a/b.lua", "cli/bench.lua" }
    assert.equal("", out)
    assert.equal("0", status)
    write("main.c", [[
#include "script/embedded.h"
#include <stdio.h>
int main(void)
{
    for (size_t i = 0; i < han__embedded_lua_count; i++) {
        const han__embedded *e = &han__embedded_lua[i];
        printf("%s %s %zu\n", e->module, e->chunk, e->size);
        fwrite(e->bytes, 1, e->size, stdout);
        if (e->bytes[e->size] != 0) return 1;
    }
    return han__embedded_lua[han__embedded_lua_count].module != 0;
}
]])
    out, status = run(("cc -std=c11 -Wall -Werror -Iengine -o %s/main %s/main.c %s/out.c"):format(dir, dir, dir))
    assert.equal("", out)
    assert.equal("0", status)
    out, status = run(dir .. "/main")
    assert.equal("0", status)
    assert.equal("han han/init.lua 9\nreturn 1\n" .. "han.a.b han/a/b.lua 0\n" ..
      "han.cli.bench han/cli/bench.lua 9\nreturn 2\n" ..
      ("han.worker han/worker.lua %d\n"):format(#tricky) .. tricky, out)
  end)

  it("makes a text a module that gives it", function()
    local text = 'a "q" \\ \r\n ]]--\200\0 <script>\n'
    write("engine/lua/a/page.js", text)
    local _, status = embed { "lua/a/page.js" }
    assert.equal("0", status)
    local made = io.open(dir .. "/out.c", "rb"):read("a")
    assert.truthy(made:find('{"han.a.page_js", "han/a/page_js.lua"', 1, true))
    local literal = made:match("unsigned char %*%)\n(.-),\n"):gsub('"\n%s*"', ""):match('"(.*)"')
    -- the literal has the escapes that C and Lua share
    local source = assert(load('return "' .. literal:gsub("\\%?", "?"):gsub("\\([0-7][0-7][0-7])", function(octal)
      return ("\\%03d"):format(tonumber(octal, 8))
    end) .. '"'))()
    assert.equal(text, assert(load(source))())
  end)

  it("makes a table of no files", function()
    local _, status = embed {}
    assert.equal("0", status)
  end)

  it("stops at a syntax error with file and line", function()
    write("engine/lua/broken.lua", "local x = 1\nlocal = 2\n")
    local out, status = embed { "lua/broken.lua" }
    assert.equal("1", status)
    assert.truthy(out:find("engine/lua/broken.lua:2:", 1, true))
  end)

  it("refuses two files of one module", function()
    write("engine/lua/a.lua", "return 1")
    write("engine/lua/a/init.lua", "return 1")
    local out, status = embed { "lua/a.lua", "lua/a/init.lua" }
    assert.equal("1", status)
    assert.truthy(out:find("are both module han.a", 1, true))
  end)
end)
