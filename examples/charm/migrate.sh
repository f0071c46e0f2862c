#!/bin/bash
# The platform runs it in the application's folder before the service starts, on every unit; the
# program takes a lock of the database for it.
exec /usr/local/bin/example-charm migrate
