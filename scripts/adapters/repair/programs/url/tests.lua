local HOSTS = { "//Example.org", "//a.b:80", "//host:443", "//h:8080", "//x-y.z" }
local PATHS = { "", "/", "/a/b", "/a/../b", "/a/./b/", "x/y", "../up", "/a/b/..", "./here", "/../top", "/a//b" }
local QUERIES = { "", "", "?", "?b=2&a=1", "?q=a+b", "?x", "?a=1&a=0&", "?n=%41%2f", "?k==v" }
local BAD = { "http://ho st/", "http://h:99999/", "http://h:/", "//", "http://u@h/", "http:///p" }
local function address(rng)
  local host = rng.chance(0.6) and rng.pick(HOSTS) or ""
  local path = rng.pick(PATHS)
  if host ~= "" and path:sub(1, 1) ~= "/" then path = "" end
  return (host ~= "" and rng.pick { "http:", "HTTPS:", "", "ftp:" } or "") .. host .. path .. rng.pick(QUERIES)
    .. rng.pick { "", "", "#top", "#" }
end
local function host_ok(text)
  local rest = text:gsub("#.*$", ""):gsub("%?.*$", ""):gsub("^%a[%w+.-]*:", "")
  if rest:sub(1, 2) ~= "//" then return true end
  local host, port = rest:match("^//([^/]*)"):match "^([%w.-]+):(%d+)$"
  if host then return tonumber(port) <= 65535 end
  return rest:match "^//([%w.-]+)$" ~= nil or rest:match "^//([%w.-]+)/" ~= nil
end
local function percent_ok(text) return not text:gsub("%%%x%x", ""):find("%", 1, true) end
local function query_of(text) return text:gsub("#.*$", ""):match "%?(.*)$" or "" end

return {
  job = "takes web addresses apart, decodes queries, squeezes paths and resolves relative addresses",
  brief = "An address is { scheme, host, port, path, query, fragment }. Scheme and host are lower case. Equal names "
    .. "of a query "
    .. "keep their order. Default ports are http 80, https 443, ftp 21.",
  blocks = {
    { name = "parse", signature = "parse(text) -> parts",
      pre = function(a) return host_ok(a[1]) end,
      post = function(_, r) return type(r[1].path) == "string" end,
      hidden = function(rng, i) return { i % 4 == 0 and rng.pick(BAD) or address(rng) } end,
      examples = {
        { args = { "http://Example.org/a?b=1#c" },
          want = { { scheme = "http", host = "example.org", path = "/a", query = "b=1", fragment = "c" } } },
        { args = { "" }, want = { { path = "" } } },
        { args = { "/x/y" }, want = { { path = "/x/y" } } },
        { args = { "//h:81" }, want = { { host = "h", port = 81, path = "" } } },
        { args = { "mailto:joe" }, want = { { scheme = "mailto", path = "joe" } } },
        { args = { "?#" }, want = { { path = "", query = "", fragment = "" } } },
        { args = { "p#a?b" }, want = { { path = "p", fragment = "a?b" } } },
        { args = { "http://h:/x" }, want_error = "bad host: h:$" },
        { args = { "http://h:70000" }, want_error = "no port 70000$" },
      } },
    { name = "squeeze", signature = "squeeze(path) -> path without dot steps",
      pre = function() return true end,
      post = function(_, r) return not ("/" .. r[1] .. "/"):find("/../", 1, true) end,
      hidden = function(rng)
        return { rng.pick { "", "/" } .. table.concat(rng.list(0, 5, function() return rng.pick { "a", "b", ".", "..",
          "" } end), "/") }
      end,
      examples = {
        { args = { "/a/b" }, want = { "/a/b" } },
        { args = { "/a/../b" }, want = { "/b" } },
        { args = { "/a/./b" }, want = { "/a/b" } },
        { args = { "/a/b/" }, want = { "/a/b/" } },
        { args = { "/a/b/.." }, want = { "/a/" } },
        { args = { "/.." }, want = { "/" } },
        { args = { "a/../../b" }, want = { "b" } },
        { args = { "/a//b" }, want = { "/a/b" } },
        { args = { "" }, want = { "" } },
      } },
    { name = "decode", signature = "decode(text) -> text",
      pre = function(a) return percent_ok(a[1]) end,
      post = function(a, r) return #r[1] == #a[1] - 2 * select(2, a[1]:gsub("%%%x%x", "")) end,
      hidden = function(rng, i)
        local list = rng.list(0, 5, function() return rng.pick { "a", "%41", "%2F", "%7e", "+", "-", "%25" } end)
        if i % 4 == 0 then list[#list + 1] = rng.pick { "%", "%4", "%zz", "%%41" } end
        return { table.concat(list) }
      end,
      examples = {
        { args = { "" }, want = { "" } },
        { args = { "abc" }, want = { "abc" } },
        { args = { "%41b" }, want = { "Ab" } },
        { args = { "a%20b" }, want = { "a b" } },
        { args = { "%2541" }, want = { "%41" } },
        { args = { "a+b" }, want = { "a+b" } },
        { args = { "ab%4" }, want_error = "bad percent sign at 3$" },
        { args = { "%41%" }, want_error = "bad percent sign at 4$" },
      } },
    { name = "query", signature = "query(text) -> sorted list of { name, value }",
      pre = function(a) return percent_ok(a[1]) end,
      post = function(_, r)
        for i = 2, #r[1] do if r[1][i][1] < r[1][i - 1][1] then return false end end
        return true
      end,
      hidden = function(rng, i)
        local list = rng.list(0, 5, function() return rng.pick { "a", "b", "c" } .. rng.pick { "=1", "=2", "", "=x+y",
          "=%41", "==" } end)
        if i % 6 == 0 then list[#list + 1] = "d=%" end
        return { table.concat(list, rng.pick { "&", "&&" }) }
      end,
      examples = {
        { args = { "" }, want = { {} } },
        { args = { "a=1" }, want = { { { "a", "1" } } } },
        { args = { "b=2&a=1" }, want = { { { "a", "1" }, { "b", "2" } } } },
        { args = { "a=2&b&a=1" }, want = { { { "a", "2" }, { "a", "1" }, { "b", "" } } } },
        { args = { "q=a+b" }, want = { { { "q", "a b" } } } },
        { args = { "x=1=2" }, want = { { { "x", "1=2" } } } },
        { args = { "&&k=%26&" }, want = { { { "k", "&" } } } },
        { args = { "k=%2" }, want_error = "bad percent sign at 1$" },
      } },
  },
  integration = { name = "normal", signature = "normal(text, base) -> one form of the address",
    pre = function(a)
      if not host_ok(a[1]) or not host_ok(a[2]) or not a[2]:find "^%a+://" then return false end
      local query = query_of(a[1])
      return percent_ok(query) or a[1]:find "^mailto" ~= nil
    end,
    post = function(_, r) return r[1]:find "^%a+:" ~= nil end,
    hidden = function(rng, i)
      return { i % 7 == 0 and rng.pick(BAD) or i % 8 == 0 and rng.pick { "/a?x=%", "mailto:joe" } or address(rng),
        i % 9 == 0 and rng.pick { "/rel", "//h/x" } or rng.pick { "http://Base.net/dir/page?z=1#f", "https://b:443",
          "http://b:81/d/" } }
    end,
    examples = {
      { args = { "HTTP://H:80", "http://b/" }, want = { "http://h/" } },
      { args = { "../x?b=1&a=2", "http://b/p/q/r" }, want = { "http://b/p/x?a=2&b=1" } },
      { args = { "", "http://b:81/p?z=1" }, want = { "http://b:81/p?z=1" } },
      { args = { "//o/p", "https://b/" }, want = { "https://o/p" } },
      { args = { "x#f", "http://b" }, want = { "http://b/x#f" } },
      { args = { "mailto:joe", "http://b/" }, want = { "mailto:joe" } },
      { args = { "https://h:80/#", "http://b/" }, want = { "https://h:80/" } },
      { args = { "x", "/rel" }, want_error = "base is not complete$" },
      { args = { "http://h:x/", "http://b/" }, want_error = "bad host: h:x$" },
    } },
}
