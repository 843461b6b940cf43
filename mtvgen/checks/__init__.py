"""Do models, templates, views and URLs fit together?"""
