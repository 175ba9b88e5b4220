# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What runs an exported graph or a model file; none of it tells anybody about it.

This is imported before any module of this folder imports its library, so that no library begins
to send figures of its use: OpenVINO does without the package that does it for it, and
onnxruntime looks at its variable once, as it is loaded.
"""

import os
import sys

os.environ['ORT_DISABLE_TELEMETRY'] = '1'
sys.modules['openvino_telemetry'] = None  # type: ignore[assignment]  # an import of it fails
