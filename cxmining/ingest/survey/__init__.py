"""Surveys: answers, items, scales, expectations beside experiences."""
