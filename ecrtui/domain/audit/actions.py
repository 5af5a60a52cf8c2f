"""The IAM actions by which facts are read."""

PROJECTS = ("codebuild:ListProjects", "codebuild:BatchGetProjects")
REPOSITORIES = ("ecr:DescribeRepositories",)
IMAGES = ("ecr:DescribeImages",)
MANIFESTS = ("ecr:BatchGetImage",)
LIFECYCLE = ("ecr:GetLifecyclePolicy",)
ACCESS = ("ecr:GetRepositoryPolicy",)
SCANS = ("ecr:DescribeImageScanFindings",)
TEMPLATES = ("ecr:DescribeRepositoryCreationTemplates",)
PULL_THROUGH = ("ecr:DescribePullThroughCacheRules",)
SCANNING = ("ecr:GetRegistryScanningConfiguration",)
REPLICATION = ("ecr:DescribeRegistry",)
SIMULATION = ("iam:SimulatePrincipalPolicy",)
USES = (
    "ecs:ListClusters",
    "ecs:ListServices",
    "ecs:DescribeServices",
    "ecs:DescribeServiceRevisions",
    "ecs:ListTasks",
    "ecs:DescribeTasks",
    "ecs:DescribeTaskDefinition",
    "apprunner:ListServices",
    "apprunner:DescribeService",
    "lambda:ListFunctions",
    "lambda:GetFunction",
)
STORED = ("s3:GetObject",)
