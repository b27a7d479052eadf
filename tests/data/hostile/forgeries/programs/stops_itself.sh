#!/bin/sh
# tries: to stop without ending, so that whoever waits for it waits for ever
# class: limit:time
# limits: time=1
kill -STOP $$
