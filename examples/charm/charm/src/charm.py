#!/usr/bin/env python3
"""The charm: all of it is the go framework's."""

import ops
import paas_charm.go


class ExampleCharm(paas_charm.go.Charm):
    """Runs the workload."""


if __name__ == "__main__":
    ops.main(ExampleCharm)
