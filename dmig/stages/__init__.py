"""Stages: each a function of frames, none knows another; `dmig.pipeline` alone knows their order."""
