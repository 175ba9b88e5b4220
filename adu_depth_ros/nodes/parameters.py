# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Parameters that say what they are, and refuse what they cannot do instead of ignoring it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from typing import Any

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.node import Node
from rclpy.parameter import Parameter

from adu_depth_core.errors import InputError

Value = bool | float | str
# By rclpy: at the start of the node in some distributions, and with each topic.
DECLARED_LATER = ('qos_overrides.', 'use_sim_time', 'start_type_description_service')


class Settable(Enum):
    """When a parameter may change, in words for its users."""

    AT_START = 'set when the node starts'
    UNCONFIGURED = 'set while the node is unconfigured'
    ALWAYS = 'takes effect with the next frame'


@dataclass(frozen=True)
class Setting:
    """
    One parameter of a node.

    Parameters
    ----------
    name : str
    default : bool, int, float or str
        Its type is the type of the parameter.
    settable : Settable
    description : str
        With the unit, if it has one.
    choices : tuple of str
        The values that are allowed; empty for any.
    limits : (float, float), optional
        Smallest and largest value allowed.
    check : callable, optional
        Raises InputError for a value that cannot be used.

    """

    name: str
    default: Value
    settable: Settable
    description: str
    choices: tuple[str, ...] = ()
    limits: tuple[float, float] | None = None
    check: Callable[[Any], object] | None = None

    def objection(self, value: object) -> str:
        """Return why a value of the right type cannot be used; empty where it can."""
        if self.choices and value not in self.choices:
            return f'"{value}" is not one of {", ".join(self.choices)}'
        if self.check is not None and type(value) is type(self.default):
            try:
                self.check(value)
            except InputError as error:
                return str(error)
        return ''

    def descriptor(self) -> ParameterDescriptor:
        """Return what `ros2 param describe` shows."""
        choices = f'one of {", ".join(self.choices)}; ' if self.choices else ''
        descriptor = ParameterDescriptor(
            name=self.name,
            description=self.description,
            additional_constraints=choices + self.settable.value,
            read_only=self.settable is Settable.AT_START,
        )
        if self.limits is None:
            return descriptor
        low, high = self.limits
        if isinstance(self.default, int):
            whole = IntegerRange(from_value=int(low), to_value=int(high), step=1)
            descriptor.integer_range = [whole]
        else:
            descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high)]
        return descriptor


def declare(node: Node, settings: Iterable[Setting]) -> None:
    """Declare `settings` on a node; raises rclpy's ParameterException on an unfit value."""
    for setting in settings:
        node.declare_parameter(setting.name, setting.default, setting.descriptor())


def verdict(
    changes: Sequence[Parameter],
    settings: Iterable[Setting],
    current: Mapping[str, Value] | None,
) -> SetParametersResult:
    """
    Judge a change of parameters; types, ranges and read-only flags are judged by rclpy itself.

    Parameters
    ----------
    changes : sequence of rclpy.parameter.Parameter
        May name parameters that are not in `settings`: those are none of our business.
    settings : iterable of Setting
    current : mapping of name to value, optional
        What a configured node runs with; None while it is unconfigured.

    """
    by_name = {setting.name: setting for setting in settings}
    for change in changes:
        setting = by_name.get(change.name)
        if setting is None:
            continue
        objection = setting.objection(change.value)
        if objection:
            return _refused(f'{change.name}: {objection}')
        needs_configure = setting.settable is Settable.UNCONFIGURED
        if needs_configure and current is not None and change.value != current[change.name]:
            return _refused(
                f'{change.name}: cannot change while the node is configured; '
                'deactivate it, clean it up, set it, and configure it again'
            )
    return SetParametersResult(successful=True)


def verdict_on_order(
    changes: Sequence[Parameter], low: str, high: str, current: Mapping[str, Value]
) -> SetParametersResult:
    """Refuse a change after which the parameter `low` would not be below the parameter `high`."""
    after = dict(current) | {change.name: change.value for change in changes}
    if low in after and high in after and not after[low] < after[high]:  # type: ignore[operator]
        return _refused(
            f'{low}: {after[low]} would not be below {high}, {after[high]}; '
            'set both together, or the other one first'
        )
    return SetParametersResult(successful=True)


def unknown_overrides(node: Node, settings: Iterable[Setting]) -> Iterable[str]:
    """
    Yield a sentence for each parameter that was given a value at the start, and that is none.

    Those of quality of service are declared later, with the topics that they are for.
    """
    given: Mapping[str, object] = getattr(node, '_parameter_overrides', {})
    names = [setting.name for setting in settings]
    for name in sorted(given):
        if not node.has_parameter(name) and not name.startswith(DECLARED_LATER):
            meant = get_close_matches(name, names, n=1)
            advice = f'did you mean {meant[0]}?' if meant else 'it changes nothing'
            yield f'there is no parameter "{name}"; {advice}'


def _refused(reason: str) -> SetParametersResult:
    return SetParametersResult(successful=False, reason=reason)
