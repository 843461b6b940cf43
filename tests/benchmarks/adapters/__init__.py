"""One module a framework, each with the same four functions, each in the way its own manual shows.

    site()          the pages of workloads a, b, c, e, f, g and h
    routes(count)   `count` routes with a parameter, for d
    middleware()    one layer that reads a request header and sets a response header, for i
    pipeline()      a plain text with what the framework's own new project switches on, for k;
                    frameworks that switch nothing on answer with nothing on

Where a framework has a faster way that its manual or its author's benchmarks use, that one is
taken. Nobody gets development helpers; nobody's templates are looked for again on each request.
"""
