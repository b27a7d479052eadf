-- tries: a file that is no module but says true
-- class: format
return true
