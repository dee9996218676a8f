"""Will the installed engine keep a model right? Random changes against a scratch copy tell."""
