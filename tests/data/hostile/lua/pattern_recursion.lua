-- A pattern that recurses as often as the text is long.
-- candidate: runtime|limit:instructions|ok  script: SCRIPT|LIMIT|done
return (("a"):rep(300000)):match((".-"):rep(200) .. "b")
