# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What distributions have, without ROS: `nox --list`, `nox -s 'tests(humble)'`.

Each session is the Python, NumPy and OpenCV of a ROS distribution or what is newest, as far as
wheels allow. Training and the other runtimes are left out, as `make test` has them: a session is
an environment of some 300 MB, in which the tests run that need neither. A Python that is not there
is skipped; with --error-on-missing-interpreters it is an error.
"""

import nox

# Ubuntu 24.04 has NumPy 1.26.4 with OpenCV 4.6.0, and 26.04 NumPy 2.3 with OpenCV 4.10.0.
ENVIRONMENTS = {
    'humble': ('3.10', 'numpy==1.21.*', 'opencv-python-headless==4.5.4.60'),
    'jazzy': ('3.12', 'numpy==1.26.*', 'opencv-python-headless==4.6.0.66'),
    'low': ('3.11', 'numpy==1.26.*', 'opencv-python-headless==4.7.*'),
    'middle': ('3.13', 'numpy==2.2.*', 'opencv-python-headless==4.12.*'),
    'lyrical': ('3.14', 'numpy==2.3.*', 'opencv-python-headless==4.10.0.84'),
    'newest': ('3.14', 'numpy', 'opencv-python-headless<5'),
}
LEFT_OUT = (
    'catkin_pkg jsonargparse lightning onnx onnxruntime openvino rcl_interfaces rclpy safetensors '
    'timm torch torchmetrics'
)
FOR_TESTS = ('hypothesis', 'pytest>=8.2,!=8.2.2,<8.4', 'pytest-timeout')

nox.options.sessions = ['tests']


def install(session: nox.Session, name: str, *more: str) -> None:
    """Install what is asked for beside the versions of a distribution."""
    _, numpy, opencv = ENVIRONMENTS[name]
    session.install('--only-binary', ':all:', numpy, opencv, *more)


@nox.session
@nox.parametrize(
    ('python', 'name'), [nox.param(v[0], name, id=name) for name, v in ENVIRONMENTS.items()]
)
def tests(session: nox.Session, name: str) -> None:
    """Run the tests of the core that need no training, no other runtime and no ROS."""
    install(session, name, '.[tools]', *FOR_TESTS)
    session.run(
        *('python', '-m', 'pytest', '-q', 'test/core', *session.posargs),
        env={'ADU_DEPTH_LEFT_OUT': LEFT_OUT},
    )


@nox.session
@nox.parametrize(
    ('python', 'name'), [nox.param(v[0], name, id=name) for name, v in ENVIRONMENTS.items()]
)
def bare(session: nox.Session, name: str) -> None:
    """Measure the runtime opencv where NumPy, OpenCV and YAML are all there is."""
    install(session, name, '.')
    session.run('python', 'benchmark/speed/opencv_alone.py', *session.posargs)
