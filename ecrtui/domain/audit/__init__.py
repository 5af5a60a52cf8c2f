"""The audit: every rule of the path over everything in scope.

    facts (facts.py) -> rules (rules.py: one declaration each) -> findings, and what was not checked (report.py)

A fact that could not be read makes a rule *not checked* there, with the IAM action to ask for; never passed.
Nothing is imported here: the configuration needs `suppression` before anything else is wanted.
"""
