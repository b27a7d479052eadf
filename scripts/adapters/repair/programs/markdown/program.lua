-- A small part of Markdown to HTML: signs made safe, marks inside a line, blocks of lines, and a whole text.
local M = {}

function M.safe(text)
  return (text:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }))
end

-- Marks inside a line: `code`, **strong**, *weak* and [text](address); what is in code stays as it is.
function M.inline(text)
  local out, at = {}, 1
  while at <= #text do
    local code, after = text:match("^`([^`]+)`()", at)
    if code then
      out[#out + 1] = "<code>" .. M.safe(code) .. "</code>"
    else
      local strong, weak, label, address
      strong, after = text:match("^%*%*([^*]+)%*%*()", at)
      if strong then
        out[#out + 1] = "<strong>" .. M.inline(strong) .. "</strong>"
      else
        weak, after = text:match("^%*([^*]+)%*()", at)
        if weak then
          out[#out + 1] = "<em>" .. M.inline(weak) .. "</em>"
        else
          label, address, after = text:match("^%[([^%]]+)%]%(([^)%s]*)%)()", at)
          if label then
            if address:lower():find("^javascript:") then
              error("address not allowed: " .. address, 0)
            end
            out[#out + 1] = '<a href="' .. M.safe(address) .. '">' .. M.inline(label) .. "</a>"
          else
            out[#out + 1] = M.safe(text:sub(at, at))
            after = at + 1
          end
        end
      end
    end
    at = after
  end
  return table.concat(out)
end

-- A line by its beginning: kind, level or number, and the rest.
function M.classify(line)
  local marks, title = line:match("^(#+)%s+(.-)%s*#*$")
  if marks and #marks <= 6 then
    return "heading", #marks, title
  end
  local item = line:match("^[-*]%s+(.+)$")
  if item then
    return "bullet", 0, item
  end
  local number, step = line:match("^(%d+)%.%s+(.+)$")
  if number then
    return "number", math.tointeger(tonumber(number)), step
  elseif line:find("^%s*$") then
    return "blank", 0, ""
  elseif line:find("^```") then
    return "fence", 0, line:sub(4)
  end
  return "text", 0, line
end

-- Lines grouped into blocks { kind, level, lines }; lines of text and items of one kind belong together.
function M.blocks(text)
  local blocks, fence = {}, nil
  for line in (text .. "\n"):gmatch("(.-)\n") do
    local kind, level, rest = M.classify(line)
    local last = blocks[#blocks]
    if fence then
      if kind == "fence" then
        fence = nil
      else
        fence.lines[#fence.lines + 1] = line
      end
    elseif kind == "fence" then
      fence = { kind = "code", level = 0, lines = {} }
      blocks[#blocks + 1] = fence
    elseif last and last.kind == kind and kind ~= "heading" then
      last.lines[#last.lines + 1] = rest
    else
      blocks[#blocks + 1] = { kind = kind, level = level, lines = { rest } }
    end
  end
  if fence then
    error("code without an end", 0)
  end
  return blocks
end

-- A text as HTML, and its headings as an outline.
function M.render(text)
  local out, outline = {}, {}
  for _, block in ipairs(M.blocks(text)) do
    local lines = block.lines
    if block.kind == "heading" then
      out[#out + 1] = "<h" .. block.level .. ">" .. M.inline(lines[1]) .. "</h" .. block.level .. ">"
      outline[#outline + 1] = ("  "):rep(block.level - 1) .. lines[1]
    elseif block.kind == "code" then
      out[#out + 1] = "<pre>" .. M.safe(table.concat(lines, "\n")) .. "</pre>"
    elseif block.kind == "text" then
      out[#out + 1] = "<p>" .. M.inline(table.concat(lines, " ")) .. "</p>"
    elseif block.kind ~= "blank" then
      local tag, items = block.kind == "bullet" and "ul" or "ol", ""
      for _, line in ipairs(lines) do
        items = items .. "<li>" .. M.inline(line) .. "</li>"
      end
      local start = tag == "ol" and block.level ~= 1 and ' start="' .. block.level .. '"' or ""
      out[#out + 1] = "<" .. tag .. start .. ">" .. items .. "</" .. tag .. ">"
    end
  end
  return table.concat(out, "\n"), outline
end

return M
