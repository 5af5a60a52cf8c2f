"""Lifecycle policies: read, checked, compared, put into words, made from templates, and evaluated.

    text -> validate (every problem) | parse (a Policy) -> evaluate (an Evaluation), sentences, differences

All rules are AWS's, from the ECR user guide; the domain reference, section 2, is the authority here.
"""

from ecrtui.domain.lifecycle.compare import Difference, DifferenceKind, canonical, differences, same
from ecrtui.domain.lifecycle.evaluate import Evaluation, Follower, Mark, Protected, evaluate
from ecrtui.domain.lifecycle.policy import (
    RULE_LIMIT,
    TEXT_LENGTH,
    ActionType,
    CountType,
    Policy,
    Rule,
    Selection,
    StorageClass,
    TagStatus,
    to_json,
)
from ecrtui.domain.lifecycle.problems import PolicyError, Problem
from ecrtui.domain.lifecycle.sentences import sentence, sentences
from ecrtui.domain.lifecycle.templates import Parameter, Template, template, templates
from ecrtui.domain.lifecycle.validate import parse, validate

__all__ = [
    "RULE_LIMIT",
    "TEXT_LENGTH",
    "ActionType",
    "CountType",
    "Difference",
    "DifferenceKind",
    "Evaluation",
    "Follower",
    "Mark",
    "Parameter",
    "Policy",
    "PolicyError",
    "Problem",
    "Protected",
    "Rule",
    "Selection",
    "StorageClass",
    "TagStatus",
    "Template",
    "canonical",
    "differences",
    "evaluate",
    "parse",
    "same",
    "sentence",
    "sentences",
    "template",
    "templates",
    "to_json",
    "validate",
]
