-- Scans a long text for a balance at every place.
-- candidate: limit:instructions|ok  script: LIMIT|done
return (("("):rep(200000)):find("%b()x")
