#!/bin/sh
# A runner that ends before it has answered.
exit 3
