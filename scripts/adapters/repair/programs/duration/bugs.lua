-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "what does not fit is cut off", kind = "formula", fn = "M.write",
    find = "  seconds = (seconds + grain // 2) // grain * grain\n",
    replace = "  seconds = seconds - seconds % grain\n" },
  { title = "noon and midnight are mistaken for hour twelve and twenty-four", kind = "case", fn = "M.clock",
    find = "    hour = hour % 12\n    if half == \"pm\" then\n      hour = hour + 12\n    end",
    replace = "    if half == \"pm\" and hour < 12 then\n      hour = hour + 12\n    end" },
}
